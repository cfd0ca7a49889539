/** Providers whose addresses anybody may have: an address there says nothing of a company. */
export const FREE_MAILBOXES: ReadonlySet<string> = new Set(
  (
    'gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de live.fr live.nl msn.com outlook.de outlook.fr outlook.es ' +
    'yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.co.in yahoo.co.jp yahoo.com.au ymail.com rocketmail.com aol.com aim.com ' +
    'icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com mailbox.org posteo.de posteo.net disroot.org riseup.net ' +
    'gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.fr web.de freenet.de t-online.de arcor.de online.de email.de mail.de 1und1.de vodafone.de ' +
    'orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr numericable.fr libero.it virgilio.it tiscali.it alice.it tin.it tim.it ' +
    'telefonica.net terra.es bluewin.ch hispeed.ch sunrise.ch chello.at aon.at a1.net ziggo.nl kpnmail.nl planet.nl xs4all.nl hetnet.nl home.nl telenet.be skynet.be proximus.be ' +
    'btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk tiscali.co.uk o2.co.uk eircom.net ' +
    'comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com optonline.net roadrunner.com frontier.com ' +
    'rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz ' +
    'mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru yandex.ru yandex.com ya.ru ukr.net i.ua wp.pl o2.pl onet.pl interia.pl op.pl poczta.fm seznam.cz centrum.cz email.cz post.cz azet.sk zoznam.sk ' +
    'abv.bg freemail.hu citromail.hu mail.bg walla.co.il walla.com bezeqint.net ' +
    'qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp ' +
    'rediffmail.com sify.com uol.com.br bol.com.br terra.com.br ig.com.br globo.com hotmail.com.br outlook.com.br ' +
    'mail.com email.com usa.com fastmail.com fastmail.fm hushmail.com zoho.com zohomail.com zohomail.eu hey.com duck.com inbox.com inbox.lv mail.ee hot.ee online.no telia.com bredband.net spray.se jubii.dk stofanet.dk kolumbus.fi luukku.com suomi24.fi sapo.pt clix.pt'
  ).split(' '),
);

/** The providers that people mistype most. */
export const WELL_KNOWN: readonly string[] = [
  'gmail.com',
  'googlemail.com',
  'hotmail.com',
  'hotmail.co.uk',
  'outlook.com',
  'live.com',
  'yahoo.com',
  'yahoo.co.uk',
  'yahoo.de',
  'yahoo.fr',
  'icloud.com',
  'protonmail.com',
  'web.de',
  't-online.de',
  'freenet.de',
  'orange.fr',
  'wanadoo.fr',
  'laposte.net',
  'libero.it',
  'comcast.net',
  'verizon.net',
  'btinternet.com',
];
